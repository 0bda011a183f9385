/**
 * The handlers of a place on which files are dropped, to be spread on its element.
 *
 * @param onover whether something is held over it
 * @param ondrop the drop can be read only while it is handled
 */
export function dropTarget(
  onover: (isOver: boolean) => void,
  ondrop: (drop: DataTransfer | null) => void,
) {
  return {
    ondragover: (event: DragEvent): void => {
      event.preventDefault();
      onover(true);
    },
    ondragleave: (): void => {
      onover(false);
    },
    ondrop: (event: DragEvent): void => {
      event.preventDefault();
      onover(false);
      ondrop(event.dataTransfer);
    },
  };
}
