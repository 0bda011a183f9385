/**
 * One repository or folder on the Models screen: what it is, found in a few kilobytes, and what a person
 * chooses of it before anything large is fetched.
 */

import type { DtypeChoice } from '../backend/hub-dtypes.ts';
import type { HubFacts } from '../backend/hub-repository.ts';
import type { Stage } from '../core/types.ts';
import { asNamedError, type NamedError } from '../protocol/errors.ts';
import type { HubPlace } from '../protocol/hub.ts';
import type { ManifestFile } from '../protocol/manifest.ts';
import type { AddedFiles } from '../storage/added-checkpoints.ts';
import { hasOwnTerms, licenseWords } from './added-rows.ts';

/** What is known before the look-up. */
export interface ModelOffer {
  readonly origin: AddedFiles['origin'];
  /** The branch, tag or commit that is asked for; empty for a folder. */
  readonly revision: string;
  /** The licence and terms as the table has them; `null` where it has no such row. */
  readonly listed: { readonly license: string; readonly hasTerms: boolean } | null;
  readonly stage: Stage;
}

export interface LookupPorts {
  readonly look: (signal: AbortSignal) => Promise<HubFacts>;
  readonly choices: (facts: HubFacts) => Promise<readonly DtypeChoice[]>;
  /** Bytes of the files that are in this browser already. */
  readonly kept: (place: HubPlace, files: readonly ManifestFile[]) => Promise<number>;
  /** Bytes that the browser would still keep; `null` where nobody knows. */
  readonly freeBytes: () => Promise<number | null>;
}

export interface DtypeOffer extends DtypeChoice {
  readonly keptBytes: number;
}

/** What a look-up found, with what this machine makes of it. */
export interface FoundModel {
  readonly facts: HubFacts;
  /** Smallest first. */
  readonly dtypes: readonly DtypeOffer[];
  readonly freeBytes: number | null;
}

export class ModelLookup {
  #isLooking = $state(false);
  #found = $state.raw<FoundModel | null>(null);
  #error = $state.raw<NamedError | null>(null);
  #dtype = $state('');
  #stage = $state<Stage>('base');
  #parent = $state<string | null>(null);
  #hasReadTerms = $state(false);
  #abort: AbortController | null = null;

  /** The data type that would be loaded; `null` before a look-up. */
  readonly choice = $derived.by<DtypeOffer | null>(
    () => this.#found?.dtypes.find(({ dtype }) => dtype === this.#dtype) ?? null,
  );

  constructor(
    readonly offer: ModelOffer,
    private readonly ports: LookupPorts,
  ) {
    this.#stage = offer.stage;
  }

  /** `owner/name`, or the folder's name. */
  get name(): string {
    const { origin } = this.offer;
    return origin.kind === 'hub' ? origin.repository : origin.folder;
  }
  get isLooking(): boolean {
    return this.#isLooking;
  }
  get found(): FoundModel | null {
    return this.#found;
  }
  /** Why the last look-up found nothing that can be run; `null` where it did. */
  get error(): NamedError | null {
    return this.#error;
  }
  get stage(): Stage {
    return this.#stage;
  }
  get parent(): string | null {
    return this.#parent;
  }
  get hasReadTerms(): boolean {
    return this.#hasReadTerms;
  }

  /** In words, as the repository states it, else as the table does. */
  get license(): string {
    const listed = this.offer.listed?.license ?? null;
    return licenseWords(this.#found?.facts.repository.license ?? null, listed);
  }
  /** Whether a person has to say that the terms were read. */
  get hasTerms(): boolean {
    if (this.offer.listed?.hasTerms === true) return true;
    const repository = this.#found?.facts.repository;
    return repository !== undefined && hasOwnTerms(repository.license, repository.isGated);
  }

  /** Bytes that a load of the chosen data type would still fetch; 0 for a folder. */
  get missingBytes(): number {
    const { choice } = this;
    if (choice === null || this.offer.origin.kind === 'folder') return 0;
    return choice.sizeBytes - choice.keptBytes;
  }

  /** Why the chosen data type cannot be added, in a sentence; `null` where it can. */
  get blocked(): string | null {
    const { choice } = this;
    if (choice === null) return 'Choose a data type.';
    if (choice.refusal !== null)
      return `This device cannot run ${choice.dtype}: ${choice.refusal}.`;
    if (this.hasTerms && !this.#hasReadTerms) return 'Read the terms first.';
    const free = this.#found?.freeBytes ?? null;
    if (free !== null && this.missingBytes > free) {
      return 'It does not fit into what this browser may still keep: delete other downloads first.';
    }
    return null;
  }

  /** Asks what it is; no weights are touched. */
  async look(): Promise<void> {
    this.cancel();
    const abort = new AbortController();
    this.#abort = abort;
    this.#isLooking = true;
    this.#error = null;
    this.#found = null;
    this.#hasReadTerms = false;
    try {
      const facts = await this.ports.look(abort.signal);
      const found = await this.#judged(facts);
      if (abort.signal.aborted) return;
      this.#found = found;
      const { dtypes } = found;
      const best = dtypes.find(({ isRecommended }) => isRecommended) ?? dtypes[0];
      this.#dtype = best?.dtype ?? '';
    } catch (thrown) {
      if (!abort.signal.aborted) this.#error = asNamedError(thrown);
    } finally {
      if (this.#abort === abort) {
        this.#abort = null;
        this.#isLooking = false;
      }
    }
  }

  /** Looks again at what is kept and what room there is. */
  async refresh(): Promise<void> {
    const found = this.#found;
    if (found === null) return;
    const again = await this.#judged(found.facts);
    if (this.#found === found) this.#found = again;
  }

  cancel(): void {
    this.#abort?.abort();
    this.#abort = null;
    this.#isLooking = false;
  }

  /** Forgets what was found. */
  close(): void {
    this.cancel();
    this.#found = null;
    this.#error = null;
  }

  choose(dtype: string): void {
    this.#dtype = dtype;
  }
  setStage(stage: Stage): void {
    this.#stage = stage;
  }
  setParent(id: string | null): void {
    this.#parent = id;
  }
  setHasReadTerms(hasRead: boolean): void {
    this.#hasReadTerms = hasRead;
  }

  async #judged(facts: HubFacts): Promise<FoundModel> {
    const { origin } = this.offer;
    const [choices, freeBytes] = await Promise.all([
      this.ports.choices(facts),
      origin.kind === 'hub' ? this.ports.freeBytes() : null,
    ]);
    const kept = await Promise.all(
      choices.map(({ manifest: { revision, files } }) =>
        origin.kind === 'hub' ? this.ports.kept({ ...origin, revision }, files) : 0,
      ),
    );
    const dtypes = choices.map((choice, at) => ({ ...choice, keptBytes: kept[at] ?? 0 }));
    return { facts, dtypes, freeBytes };
  }
}
