/** What the page says to a service worker that waits: be the one that answers. */
export const TAKE_OVER = 'take-over';
