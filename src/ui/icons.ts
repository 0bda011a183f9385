/** The few icons of the lab: 16 × 16 stroke paths, drawn with currentColor. */
export const ICONS = {
  play: 'M5 3.2v9.6L12.6 8z',
  stop: 'M4 4h8v8H4z',
  close: 'M4 4l8 8M12 4l-8 8',
  pause: 'M4.5 3.5h2.4v9H4.5zM9.1 3.5h2.4v9H9.1z',
  pencil: 'M3 13l.7-3L10.9 2.8l2.3 2.3L6 12.3 3 13zM9.4 4.3l2.3 2.3',
  trash: 'M2.8 4.5h10.4M6.2 4.5V2.8h3.6v1.7M4.2 4.5l.6 8.7h6.4l.6-8.7M6.8 7v3.8M9.2 7v3.8',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  check: 'M3 8.5l3.2 3.2L13 4.8',
  left: 'M10 3L5 8l5 5',
  right: 'M6 3l5 5-5 5',
  reset: 'M3.2 8a4.8 4.8 0 1 0 1.5-3.5M3 2.5v3h3',
  upload: 'M8 11V3M4.8 6.2L8 3l3.2 3.2M3 13h10',
  download: 'M8 3v8M4.8 7.8L8 11l3.2-3.2M3 13h10',
  sliders: 'M2.5 5h5M11 5h2.5M2.5 11H5M8.5 11h5M9.2 3.4v3.2M6.8 9.4v3.2',
  sun: 'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM8 1.5v1.4M8 13.1v1.4M1.5 8h1.4M13.1 8h1.4M3.4 3.4l1 1M11.6 11.6l1 1M3.4 12.6l1-1M11.6 4.4l1-1',
  moon: 'M13 9.6A5.4 5.4 0 0 1 6.4 3a5.4 5.4 0 1 0 6.6 6.6z',
  auto: 'M8 2.5a5.5 5.5 0 1 0 0 11zM8 2.5a5.5 5.5 0 0 1 0 11',
  info: 'M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2zM8 7.4v3.4M8 5v.2',
  warning: 'M8 2.6l6 10.6H2zM8 6.6v3.2M8 11.4v.1',
  table: 'M2.5 3.5h11v9h-11zM2.5 6.5h11M2.5 9.5h11M6.5 3.5v9',
  image: 'M2.5 3.5h11v9h-11zM2.5 10.5l3-3 2.5 2.5 2-2 3.5 3.5M10.8 6v.1',
} as const;

export type IconName = keyof typeof ICONS;

/** Icons drawn as solid shapes. */
export const SOLID_ICONS: ReadonlySet<IconName> = new Set<IconName>(['play', 'stop', 'pause']);
