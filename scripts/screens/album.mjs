/** The index of the pictures: a table a screen, a row a state. */

const EXPLANATION = `Every screen in every state, light and dark: at 390 px the whole page, else what a window shows, and for a
projector (\`?present\`) at 1,920 px. Made by \`npm run screens\` on the built page with what ships with it; no
picture is touched up. By hand, as it takes minutes: after a change of how the page looks.`;

export const fileOf = ({ screen, id }, size, scheme) =>
  `${screen.toLowerCase()}-${id}-${size.name}-${scheme}.webp`;

const cell = (file, width, alt) =>
  `<a href="${file}"><img src="${file}" width="${width}" alt="${alt}"></a>`;

/** Markdown. @param {(file: string) => boolean} has whether there is a picture of that name */
export function albumOf(states, sizes, schemes, has) {
  const screens = [...new Set(states.map(({ screen }) => screen))];
  const parts = ['# Screens', EXPLANATION];
  for (const screen of screens) {
    parts.push(`## ${screen}`);
    for (const state of states.filter((one) => one.screen === screen)) {
      const shown = sizes.filter((size) =>
        schemes.some((scheme) => has(fileOf(state, size, scheme))),
      );
      const lines = [
        `| ${['', ...shown.map(({ name }) => name.replace('-', ' px, '))].join(' | ')} |`,
        `| ${['---', ...shown.map(() => '---')].join(' | ')} |`,
        ...schemes.map(
          (scheme) =>
            `| ${[
              scheme,
              ...shown.map((size) => {
                const file = fileOf(state, size, scheme);
                return cell(
                  file,
                  size.wholePage ? 120 : 320,
                  `${screen}, ${state.title}, ${size.name} px, ${scheme}`,
                );
              }),
            ].join(' | ')} |`,
        ),
      ];
      parts.push(`### ${screen}: ${state.title}`, lines.join('\n'));
    }
  }
  return `${parts.join('\n\n')}\n`;
}
