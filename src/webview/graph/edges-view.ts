/** The lines between nodes. */
import type { PlacedEdge } from './layout-types.ts';
import type { Size } from './camera.ts';
import type { GraphTask } from './graph-view.ts';

const SVG = 'http://www.w3.org/2000/svg';
const MARGIN = 40;

/** Of a node, the status of its tasks: `completed` for folded ones. */
export type WordOf = (node: string) => GraphTask['word'] | undefined;

export class EdgesView {
  readonly #svg = document.createElementNS(SVG, 'svg');
  readonly #lines = document.createElementNS(SVG, 'g');
  #edges: readonly { readonly edge: PlacedEdge; readonly line: SVGPathElement }[] = [];

  constructor(place: HTMLElement) {
    this.#svg.setAttribute('aria-hidden', 'true');
    this.#svg.append(arrow(), this.#lines);
    place.append(this.#svg);
  }

  /** Draws all anew. */
  draw(edges: readonly PlacedEdge[], { width, height }: Size): void {
    const box = [-MARGIN, -MARGIN, width + 2 * MARGIN, height + 2 * MARGIN];
    this.#svg.setAttribute('viewBox', box.join(' '));
    this.#svg.setAttribute('width', String(box[2]));
    this.#svg.setAttribute('height', String(box[3]));
    this.#edges = edges.map((edge) => {
      const line = document.createElementNS(SVG, 'path');
      line.setAttribute('d', edge.path);
      line.setAttribute('marker-end', 'url(#arrow)');
      return { edge, line };
    });
    this.#lines.replaceChildren(...this.#edges.map(({ line }) => line));
  }

  restyle(wordOf: WordOf): void {
    for (const { edge, line } of this.#edges) {
      const kind = `edge ${kindOf(wordOf(edge.from), wordOf(edge.to))}${line.classList.contains('on') ? ' on' : ''}`;
      if (line.getAttribute('class') !== kind) line.setAttribute('class', kind);
    }
  }

  trace(ways: ReadonlySet<string>): void {
    for (const { edge, line } of this.#edges) line.classList.toggle('on', ways.has(edge.from) && ways.has(edge.to));
  }
}

type EdgeKind = 'done' | 'holds' | 'later' | 'blocked';

/** `holds`: the one that waits cannot begin before the other, at work now, has completed; `later`: both wait. */
function kindOf(from: GraphTask['word'] | undefined, to: GraphTask['word'] | undefined): EdgeKind {
  if (from === 'completed' || from === undefined) return 'done';
  if (from === 'failed' || from === 'cancelled' || from === 'skipped') return 'blocked';
  if (to !== 'pending') return 'done';
  return from === 'pending' ? 'later' : 'holds';
}

function arrow(): SVGDefsElement {
  const defs = document.createElementNS(SVG, 'defs');
  const marker = document.createElementNS(SVG, 'marker');
  const given = { id: 'arrow', viewBox: '0 0 8 8', refX: '7', refY: '4', markerWidth: '7', markerHeight: '7' };
  for (const [name, value] of Object.entries({ ...given, markerUnits: 'userSpaceOnUse', orient: '0' }))
    marker.setAttribute(name, value);
  const tip = document.createElementNS(SVG, 'path');
  tip.setAttribute('d', 'M1 1 7 4 1 7Z');
  tip.setAttribute('fill', 'context-stroke');
  marker.append(tip);
  defs.append(marker);
  return defs;
}
