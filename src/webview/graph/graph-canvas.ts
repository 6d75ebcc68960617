/**
 * The graph on the page.
 *
 * Owns: the elements of nodes, boxes and edges, which of them is traced, where the keys are. Does not own: what is shown, the tip.
 *
 * 1. `arrange` moves things; `restyle` and `tick` never do. What is written on them is `restyle`'s.
 * 2. A node that stays keeps its element, and with it the focus.
 */
import { byId, make } from '../shared/dom.ts';
import type { Camera } from './camera.ts';
import { EdgesView } from './edges-view.ts';
import type { GraphStore } from './graph-store.ts';
import { layOut } from './layout.ts';
import type { Layout, LayoutOptions, PlacedGroup, Point } from './layout-types.ts';
import { nextNode, type Direction } from './navigate.ts';
import { NodeView } from './node-view.ts';
import { Roving } from './roving.ts';
import type { ShownGraph, ShownNode } from './shown-graph.ts';
import { waysOf } from './ways.ts';

/** More nodes than these are drawn small: one line each. */
const LARGE_UP_TO = 40;
const LARGE = { nodeWidth: 172, nodeHeight: 62 };
const SMALL = { nodeWidth: 132, nodeHeight: 24 };
/** Icons turn while so many tasks run; more would cost a frame. */
const TURNING_UP_TO = 16;

export class GraphCanvas {
  readonly #camera: Camera;
  readonly #store: GraphStore;
  readonly #viewport = byId('graph');
  readonly #nodesPlace = byId('nodes');
  readonly #boxesPlace = byId('boxes');
  readonly #edges = new EdgesView(byId('edges'));
  readonly #roving = new Roving();
  readonly #views = new Map<string, NodeView>();
  readonly #labels = new Map<string, HTMLElement>();
  #graph: ShownGraph = { nodes: [], edges: [], groups: [] };
  #nodes: ReadonlyMap<string, ShownNode> = new Map();
  #size: LayoutOptions = { ...LARGE, aspect: 2 };
  #traced: string | undefined;

  constructor(store: GraphStore, camera: Camera) {
    this.#store = store;
    this.#camera = camera;
  }

  node(id: string): ShownNode | undefined {
    return this.#nodes.get(id);
  }

  /** The node that the task is in. */
  nodeOf(task: string): ShownNode | undefined {
    return this.#nodes.get(task) ?? this.#graph.nodes.find(({ members }) => members.includes(task));
  }

  /** Where things are, anew. */
  arrange(graph: ShownGraph): void {
    const before = this.#anchor();
    this.#graph = graph;
    this.#nodes = new Map(graph.nodes.map((node) => [node.id, node]));
    this.#size = { ...(graph.nodes.length > LARGE_UP_TO ? SMALL : LARGE), aspect: this.#camera.aspect };
    performance.clearMeasures('layout');
    const startMs = performance.now();
    const layout = layOut(graph, this.#size);
    performance.measure('layout', { start: startMs, detail: { nodes: graph.nodes.length } });
    this.#viewport.classList.toggle('small', graph.nodes.length > LARGE_UP_TO);
    this.#placeNodes(layout);
    this.#labels.clear();
    this.#boxesPlace.replaceChildren(...layout.groups.map((group) => this.#drawBox(group)));
    this.#edges.draw(layout.edges, layout);
    this.#camera.setSize(layout);
    if (before !== undefined && !this.#camera.isFitted) this.#follow(before);
    this.restyle();
    if (this.#traced !== undefined) this.trace(this.#nodes.has(this.#traced) ? this.#traced : undefined);
  }

  restyle(): void {
    const now = { nowMs: this.#nowMs(), backends: this.#store.backends };
    let active = 0;
    for (const node of this.#graph.nodes) {
      const view = this.#views.get(node.id);
      const task = this.#store.task(node.members[0]);
      if (view === undefined || task === undefined) continue;
      if (node.members.length > 1) view.folded(node.members.length);
      else view.task(task, now);
      if (task.word === 'active') active += 1;
    }
    for (const [id, label] of this.#labels) {
      const title = this.#store.task(id)?.title ?? '';
      if (label.textContent !== title) label.textContent = title;
    }
    this.#viewport.classList.toggle('calm', active > TURNING_UP_TO);
    this.#edges.restyle((id) => {
      const node = this.#nodes.get(id);
      return node === undefined ? undefined : this.#store.task(node.members[0])?.word;
    });
  }

  tick(): void {
    const nowMs = this.#nowMs();
    for (const { id, members } of this.#graph.nodes)
      if (members.length === 1 && this.#store.task(id)?.attempts.at(-1)?.toMs === null)
        this.#views.get(id)?.tick(nowMs);
  }

  /** Shows what a node rests on and what rests on it; undefined: all alike. */
  trace(id: string | undefined): void {
    this.#traced = id;
    const ways = id === undefined ? new Set<string>() : waysOf(id, this.#graph.edges);
    this.#viewport.classList.toggle('tracing', ways.size > 1);
    for (const [node, { element }] of this.#views) element.classList.toggle('on', ways.has(node));
    this.#edges.trace(ways);
  }

  element(id: string): HTMLElement | undefined {
    return this.#views.get(id)?.element;
  }

  /** It has the focus: the Tab key comes back to it, and it is in sight. */
  focused(id: string): void {
    const view = this.#views.get(id);
    if (view === undefined) return;
    this.#roving.set(view.element);
    this.#camera.reveal(view.place, { width: this.#size.nodeWidth, height: this.#size.nodeHeight });
  }

  /** Moves the focus; false: there is nothing that way. */
  step(from: string, direction: Direction): boolean {
    const places = [...this.#views].map(([id, { place }]) => ({ id, x: place.x, y: place.y }));
    const start = places.find(({ id }) => id === from);
    const next = start && nextNode(start, direction, { places, edges: this.#graph.edges });
    return next !== undefined && this.focus(next);
  }

  /** To the first or last in the plan. */
  stepTo(end: 'first' | 'last'): boolean {
    const id = this.#graph.nodes.at(end === 'first' ? 0 : -1)?.id;
    return id !== undefined && this.focus(id);
  }

  focus(id: string): boolean {
    const element = this.element(id);
    element?.focus({ preventScroll: true });
    return element !== undefined;
  }

  #nowMs(): number {
    return this.#store.nowMs;
  }

  #placeNodes({ nodes }: Layout): void {
    for (const [id, view] of this.#views) {
      if (nodes.has(id)) continue;
      view.element.remove();
      this.#views.delete(id);
    }
    for (const [index, { id }] of this.#graph.nodes.entries()) {
      const view = this.#views.get(id) ?? new NodeView(id);
      this.#views.set(id, view);
      view.moveTo(nodes.get(id) ?? { x: 0, y: 0 });
      const there = this.#nodesPlace.children[index];
      // In the plan's order for who listens; an element that stays where it is keeps the focus.
      if (there !== view.element) this.#nodesPlace.insertBefore(view.element, there ?? null);
    }
    this.#roving.keep(this.#graph.nodes.flatMap(({ id }) => this.element(id) ?? []));
  }

  #drawBox({ id, x, y, width, height }: PlacedGroup): HTMLElement {
    const label = make('span', { attributes: { dir: 'auto' } });
    this.#labels.set(id, label);
    const box = make('div', { class: 'box', attributes: { 'aria-hidden': 'true' } }, [label]);
    Object.assign(box.style, { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` });
    return box;
  }

  /** A node that is looked at: the traced one, else the nearest to the middle. */
  #anchor(): { readonly id: string; readonly place: Point } | undefined {
    const center = this.#camera.center;
    const distance = ({ place }: NodeView): number => Math.hypot(place.x - center.x, place.y - center.y);
    let best: [string, NodeView] | undefined;
    for (const entry of this.#views) {
      if (entry[0] === this.#traced) return { id: entry[0], place: entry[1].place };
      if (best === undefined || distance(entry[1]) < distance(best[1])) best = entry;
    }
    return best && { id: best[0], place: best[1].place };
  }

  #follow({ id, place }: { readonly id: string; readonly place: Point }): void {
    const now = this.#views.get(this.nodeOf(id)?.id ?? '')?.place;
    if (now !== undefined) this.#camera.follow(place, now);
  }
}
