/** Room that a growing part keeps: it never gets lower while it is held, so that what is below stays. */

/**
 * @param key of what is held; the room begins anew with another one, and `null` lets go
 * @param reserve pixels that are there from the start, asked for once the element has been laid out
 * @returns an attachment for the element
 */
export function heldHeight(
  key: string | null,
  reserve: () => number,
): (element: HTMLElement) => () => void {
  return (element) => {
    const letGo = (): void => {
      element.style.minHeight = '';
    };
    if (key === null) {
      letGo();
      return letGo;
    }
    let most = 0;
    let width: number | null = null;
    // It is first told before the first picture.
    const observer = new ResizeObserver(() => {
      if (width === null) {
        width = element.offsetWidth;
        most = reserve();
        element.style.minHeight = `${String(most)}px`;
      } else if (element.offsetWidth !== width) {
        // Another width breaks lines elsewhere: what was held is of no use.
        width = element.offsetWidth;
        most = 0;
        letGo();
        return;
      }
      const height = Math.ceil(element.offsetHeight);
      if (height <= most) return;
      most = height;
      element.style.minHeight = `${String(most)}px`;
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  };
}
