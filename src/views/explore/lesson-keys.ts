/** Which keys change the step of a lesson on a projector, and where they lead. Pure but for the event. */
import type { ActiveStep, LessonPath } from '../../state/lesson-path.svelte.ts';

export type Turn = 'next' | 'previous';

const TURNS: Readonly<Record<string, Turn>> = {
  ArrowRight: 'next',
  PageDown: 'next',
  ' ': 'next',
  ArrowLeft: 'previous',
  PageUp: 'previous',
};

/** `null` for another key, and where what has the focus needs the key itself. */
export function turnOf(event: KeyboardEvent): Turn | null {
  const { key, target, defaultPrevented, ctrlKey, metaKey, altKey, shiftKey } = event;
  const turn = TURNS[key];
  if (turn === undefined || defaultPrevented || ctrlKey || metaKey || altKey || shiftKey)
    return null;
  const focused = target !== null && 'closest' in target ? (target as Element) : null;
  if (focused?.closest('input, textarea, select, [contenteditable], dialog')) return null;
  // Space presses what has the focus.
  const isPressing = key === ' ' && focused?.closest('button, a, summary, [role="button"]');
  return isPressing ? null : turn;
}

/** A step to follow, `run` where the answers have to come first, `null` at either end. */
export function lessonTurn(
  turn: Turn,
  { active, steps }: Pick<LessonPath, 'active' | 'steps'>,
  awaitsGuess: boolean,
): ActiveStep['step'] | 'run' | null {
  if (turn === 'previous') return active?.previous ?? null;
  if (awaitsGuess) return 'run';
  return active ? active.next : (steps[0] ?? null);
}
