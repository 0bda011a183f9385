/**
 * A drawing of the page as markup that needs no page: shapes and words with the few properties that
 * matter, read from their computed styles. Classes, handles and what paints nothing stay behind.
 */
import type { PaintReader } from './chart-paint.ts';
import { escapeXml, FIGURES, type Drawing } from './chart-sheet.ts';

const GROUPS = new Set(['g', 'defs', 'pattern']);
const SHAPES = new Set(['path', 'rect', 'circle', 'ellipse', 'line', 'polyline', 'polygon']);
const WORDS = new Set(['text', 'tspan']);

/** Attributes of geometry; of all others what they do is in the computed style. */
const GEOMETRY = [
  ...['id', 'd', 'x', 'y', 'x1', 'x2', 'y1', 'y2', 'cx', 'cy', 'r', 'rx', 'ry', 'dx', 'dy'],
  ...['width', 'height', 'points', 'transform', 'patternUnits', 'patternTransform'],
];

interface Property {
  readonly name: string;
  /** What a program takes without the attribute, as a browser computes it. */
  readonly initial: string;
  /** Where CSS has another name. */
  readonly css?: string;
}

const STROKE: readonly Property[] = [
  { name: 'stroke-width', initial: '1' },
  { name: 'stroke-dasharray', initial: 'none' },
  { name: 'stroke-dashoffset', initial: '0' },
  { name: 'stroke-linecap', initial: 'butt' },
  { name: 'stroke-linejoin', initial: 'miter' },
  { name: 'paint-order', initial: 'normal' },
];
const TYPE: readonly Property[] = [
  { name: 'font-size', initial: '' },
  { name: 'font-weight', initial: '400' },
  { name: 'font-style', initial: 'normal' },
  { name: 'font-variant', initial: FIGURES, css: 'font-variant-numeric' },
  { name: 'letter-spacing', initial: 'normal' },
  { name: 'text-anchor', initial: 'start' },
  { name: 'dominant-baseline', initial: 'auto' },
];

/** @param fontFamily of the sheet: words in it name no font */
export function inlineDrawing(
  svg: SVGSVGElement,
  paints: PaintReader,
  fontFamily: string,
): Drawing {
  return {
    markup: childrenOf(svg, { paints, fontFamily }),
    width: svg.width.baseVal.value,
    height: svg.height.baseVal.value,
  };
}

interface Context {
  readonly paints: PaintReader;
  readonly fontFamily: string;
}

const childrenOf = (element: Element, context: Context): string =>
  [...element.children].map((child) => markupOf(child, context)).join('');

function markupOf(element: Element, context: Context): string {
  const tag = element.localName;
  const style = getComputedStyle(element);
  // Some browsers say of `defs` and `pattern` that they are not displayed.
  const isShown = style.display !== 'none' && style.visibility === 'visible';
  if (tag === 'defs' || tag === 'pattern') return wrapped(element, childrenOf(element, context));
  // `hit`: where a pointer is taken, and its highlight.
  if (!isShown || style.opacity === '0' || element.classList.contains('hit')) return '';
  if (GROUPS.has(tag)) return wrapped(element, childrenOf(element, context), opacityOf(style));
  if (SHAPES.has(tag)) {
    const paint = paintOf(element, style, context.paints);
    return paint === '' ? '' : wrapped(element, '', opacityOf(style) + paint);
  }
  return WORDS.has(tag) ? textMarkup(element, style, context) : '';
}

/** A text, or a span in it, which inherits from the text what is not said of it. */
function textMarkup(element: Element, style: CSSStyleDeclaration, context: Context): string {
  const paint = paintOf(element, style, context.paints);
  if (paint === '') return '';
  const words = wordsOf(element, { ...context, fontFamily: style.fontFamily });
  const isSpan = element.localName === 'tspan';
  const around = isSpan && element.parentElement ? getComputedStyle(element.parentElement) : null;
  return wrapped(
    element,
    isSpan ? words : words.trim(),
    opacityOf(style) + paint + typeOf(style, around, context.fontFamily),
  );
}

/** The element around its content; an empty group or text is nothing. */
function wrapped(element: Element, content: string, look = ''): string {
  const tag = element.localName;
  if (content === '' && !SHAPES.has(tag)) return '';
  const geometry = GEOMETRY.flatMap((name) => {
    const value = element.getAttribute(name);
    return value === null ? [] : [attribute(name, value)];
  }).join('');
  return content === ''
    ? `<${tag}${geometry}${look}/>`
    : `<${tag}${geometry}${look}>${content}</${tag}>`;
}

const attribute = (name: string, value: string): string => ` ${name}="${escapeXml(value)}"`;

const opacityOf = ({ opacity }: CSSStyleDeclaration): string =>
  opacity === '1' ? '' : attribute('opacity', opacity);

/** Text between and in the spans, blanks folded as a browser folds them. */
const wordsOf = (element: Element, context: Context): string =>
  [...element.childNodes]
    .map((node) =>
      node instanceof Element
        ? markupOf(node, context)
        : node.nodeType === Node.TEXT_NODE
          ? escapeXml((node.textContent ?? '').replace(/\s+/gu, ' '))
          : '',
    )
    .join('');

/** Fill and stroke; `''` when neither paints. */
function paintOf(element: Element, style: CSSStyleDeclaration, paints: PaintReader): string {
  const fill =
    element.localName === 'line' ? null : paintWords('fill', style.fill, style.fillOpacity, paints);
  const stroke =
    Number.parseFloat(style.strokeWidth) > 0
      ? paintWords('stroke', style.stroke, style.strokeOpacity, paints)
      : null;
  if (fill === null && stroke === null) return '';
  return (
    (fill ?? attribute('fill', 'none')) +
    (stroke === null ? '' : stroke + propertiesOf(STROKE, style, null))
  );
}

/** @returns `null` where nothing is painted */
function paintWords(
  name: 'fill' | 'stroke',
  value: string,
  opacity: string,
  paints: PaintReader,
): string | null {
  const reference = /^url\(["']?[^#]*#([^"')]+)["']?\)/u.exec(value)?.[1];
  if (reference !== undefined) return attribute(name, `url(#${reference})`);
  if (value === 'none') return null;
  const { hex, alpha } = paints.read(value);
  const whole = alpha * Number(opacity);
  if (whole === 0) return null;
  return attribute(name, hex) + (whole === 1 ? '' : attribute(`${name}-opacity`, String(whole)));
}

function typeOf(
  style: CSSStyleDeclaration,
  around: CSSStyleDeclaration | null,
  outerFamily: string,
): string {
  const { fontFamily } = style;
  const family =
    fontFamily === outerFamily ? '' : attribute('font-family', fontFamily.replaceAll('"', "'"));
  return family + propertiesOf(TYPE, style, around);
}

/** What differs from `around`, or from what holds without the attribute. */
const propertiesOf = (
  properties: readonly Property[],
  style: CSSStyleDeclaration,
  around: CSSStyleDeclaration | null,
): string =>
  properties
    .map(({ name, initial, css = name }) => {
      const value = plainValue(style, css);
      const without = around ? plainValue(around, css) : initial;
      return value === '' || value === without ? '' : attribute(name, value);
    })
    .join('');

/** Lengths without their unit, lists with blanks. */
const plainValue = (style: CSSStyleDeclaration, property: string): string =>
  style
    .getPropertyValue(property)
    .replace(/(\d)px/gu, '$1')
    .replaceAll(',', '');
