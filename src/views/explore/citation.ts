/** How this page and the study behind it are cited, as text and as BibTeX. Pure. */

const STUDY = {
  title: 'When Does RL Help Medical VLMs? Disentangling Vision, SFT, and RL Gains',
  authors: [
    'Ahmadreza Jeddi',
    'Kimia Shaban',
    'Negin Baghbanzadeh',
    'Natasha Sharan',
    'Abhishek Moturu',
    'Elham Dolatabadi',
    'Babak Taati',
  ],
  year: 2026,
  arxiv: '2603.01301',
} as const;

/**
 * @param version of Supportlens
 * @param url where this copy of it is
 * @param date of the visit, `2026-11-26`
 */
export function citation(version: string, url: string, date: string): string {
  return `Supportlens, version ${version}. ${url} (visited ${date}).
${STUDY.authors.join(', ')}: ${STUDY.title}. arXiv ${STUDY.arxiv}, ${String(STUDY.year)}. https://arxiv.org/abs/${STUDY.arxiv}

@misc{supportlens,
  title = {Supportlens},
  author = {{The Supportlens maintainers}},
  version = {${version}},
  url = {${url}},
  note = {Visited ${date}}
}

@misc{jeddi2026medical,
  title = {When Does {RL} Help Medical {VLMs}? Disentangling Vision, {SFT}, and {RL} Gains},
  author = {${STUDY.authors.join(' and ')}},
  year = {${String(STUDY.year)}},
  eprint = {${STUDY.arxiv}},
  archivePrefix = {arXiv},
  url = {https://arxiv.org/abs/${STUDY.arxiv}}
}
`;
}
