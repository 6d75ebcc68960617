/** The page of a run's graph: draws what the extension hands it, and tells it which task the person wants to see. */
import { byId } from '../shared/dom.ts';
import { isFields, isOneOf, isText } from '../shared/guards.ts';
import { connectExtension } from '../shared/vs-code.ts';
import { Camera } from './camera.ts';
import { FOLD_MODES, Folding, type FoldMode } from './folding.ts';
import { GraphCanvas } from './graph-canvas.ts';
import { readToGraph, type FromGraph, type ToGraph } from './graph-messages.ts';
import { GraphStore } from './graph-store.ts';
import { HeadView } from './head-view.ts';
import type { Direction } from './navigate.ts';
import { foldedFacts, foldedTitle, taskFacts } from './node-text.ts';
import { showGraph } from './shown-graph.ts';
import { drawSkeleton } from './skeleton.ts';
import { TimeAxis, type Coloring } from './time-axis.ts';
import { TipView } from './tip-view.ts';

const extension = connectExtension<FromGraph, ToGraph>(readToGraph);

const TICK_MS = 250;
const CALM_TICK_MS = 1_000;
const DIRECTIONS: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};

/** What is kept over a reload of the window. `run` is for the extension, which brings the panel back. */
interface Kept {
  readonly run: string;
  readonly coloring: Coloring;
  readonly fold: FoldMode;
}

function readKept(state: unknown): Kept {
  const { run, coloring, fold } = isFields(state) ? state : {};
  return {
    run: isText(run) ? run : '',
    coloring: coloring === 'backend' ? coloring : 'status',
    fold: isOneOf(fold, FOLD_MODES) ? fold : 'auto',
  };
}

class GraphPage {
  readonly #store = new GraphStore();
  readonly #camera = new Camera(byId('graph'), byId('world'));
  readonly #canvas = new GraphCanvas(this.#store, this.#camera);
  readonly #axis = new TimeAxis(this.#store);
  readonly #tip = new TipView();
  readonly #head: HeadView;
  readonly #folding: Folding;
  #kept: Kept;
  #drawnPlan = -1;
  #willDraw = false;
  #hasFolded = false;
  #announced: string | undefined;

  constructor(kept: Kept) {
    this.#kept = kept;
    this.#folding = new Folding(kept.fold);
    this.#head = new HeadView(this.#store, {
      color: (coloring) => this.#choose({ coloring }),
      fold: (folds) => this.#fold(folds ? 'folded' : 'all'),
      zoom: (factor) => this.#camera.zoom(factor),
      fit: () => this.#camera.fit(),
    });
    this.#listen();
    const isCalm = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    window.setInterval(() => this.#tick(), isCalm ? CALM_TICK_MS : TICK_MS);
  }

  take(message: ToGraph): void {
    byId('problem').textContent = message.type === 'failed' ? message.what : '';
    // What is drawn may be of the run that was shown before.
    document.body.classList.toggle('nothing', message.type === 'failed');
    if (message.type === 'failed') return;
    this.#store.clock.set(message.nowMs);
    if (message.type === 'change') this.#store.change(message);
    else {
      const { run } = message.view.head;
      if (run !== this.#store.head?.run) this.#folding.choose(this.#kept.fold);
      this.#store.show(message.view);
      this.#keep({ run });
    }
    this.#drawSoon();
  }

  #drawSoon(): void {
    if (this.#willDraw) return;
    this.#willDraw = true;
    requestAnimationFrame(() => {
      this.#willDraw = false;
      this.#draw();
    });
  }

  #draw(): void {
    const { tasks, head, plan } = this.#store;
    if (head === undefined) return;
    const isOther = this.#isFoldChanged() || plan !== this.#drawnPlan;
    this.#hasFolded = false;
    const { coloring } = this.#kept;
    document.body.classList.toggle('by-backend', coloring === 'backend');
    // Before the graph, which takes the room that is left.
    this.#head.show({ coloring, folds: this.#folding.folds(tasks) });
    const graph = showGraph(tasks, this.#folding.folded);
    this.#axis.show(coloring, graph.nodes);
    if (isOther) {
      this.#drawnPlan = plan;
      this.#canvas.arrange(graph);
    } else this.#canvas.restyle();
    this.#retell();
    this.#announce(head.word);
  }

  #tick(): void {
    if (!this.#store.isLive || document.hidden) return;
    requestAnimationFrame(() => {
      this.#head.tick();
      this.#axis.tick();
      this.#canvas.tick();
    });
    // What completed since may be folded now.
    if (this.#isFoldChanged()) this.#drawSoon();
  }

  #isFoldChanged(): boolean {
    const moment = { nowMs: performance.now(), isOver: !this.#store.isLive };
    this.#hasFolded = this.#folding.update(this.#store.tasks, moment) || this.#hasFolded;
    return this.#hasFolded;
  }

  #announce(word: string): void {
    if (this.#announced !== undefined && this.#announced !== word) byId('announced').textContent = `The run: ${word}`;
    this.#announced = word;
  }

  #fold(mode: FoldMode): void {
    this.#folding.choose(mode);
    this.#choose({ fold: mode });
  }

  #choose(change: Partial<Kept>): void {
    this.#keep(change);
    this.#drawSoon();
  }

  #keep(change: Partial<Kept>): void {
    this.#kept = { ...this.#kept, ...change };
    extension.keep(this.#kept);
  }

  #listen(): void {
    for (const place of [byId('graph'), byId('times')]) {
      place.addEventListener('pointerover', ({ target }) => this.#look(owner(target)));
      place.addEventListener('pointerleave', () => this.#look(owner(document.activeElement)));
      place.addEventListener('focusin', ({ target }) => this.#focused(owner(target)));
      place.addEventListener('focusout', () => this.#look(undefined));
      place.addEventListener('click', ({ target }) => this.#open(owner(target)));
      place.addEventListener('keydown', (event) => this.#onKey(event, owner(event.target)));
    }
    byId('graph').addEventListener('wheel', () => this.#tip.hide());
  }

  #focused(element: HTMLElement | undefined): void {
    if (element === undefined) return;
    const { node } = element.dataset;
    if (node === undefined) this.#axis.focused(element);
    else this.#canvas.focused(node);
    this.#look(element);
  }

  /** Traces it and tells of it; undefined: nothing is looked at. */
  #look(element: HTMLElement | undefined): void {
    if (element === undefined) {
      this.#tip.hide();
      this.#canvas.trace(undefined);
      this.#axis.trace(new Set());
      return;
    }
    if (element === this.#tip.owner) return;
    const node = element.dataset['node'] ?? this.#canvas.nodeOf(element.dataset['task'] ?? '')?.id;
    this.#canvas.trace(node);
    const members =
      element.dataset['task'] === undefined
        ? (this.#canvas.node(node ?? '')?.members ?? [])
        : [element.dataset['task']];
    this.#axis.trace(new Set(members));
    this.#tell(element, members);
  }

  #tell(element: HTMLElement, members: readonly string[]): void {
    const tasks = members.flatMap((id) => this.#store.task(id) ?? []);
    const [only, ...others] = tasks;
    if (only === undefined) this.#tip.hide();
    else if (others.length > 0) this.#tip.show(element, foldedTitle(tasks.length), foldedFacts(tasks));
    else this.#tip.show(element, only.title, taskFacts(only, this.#store.nowMs));
  }

  /** What is told of may have changed, or gone. */
  #retell(): void {
    const { owner } = this.#tip;
    if (owner === undefined) return;
    if (!owner.isConnected) return this.#look(undefined);
    const { node, task } = owner.dataset;
    this.#tell(owner, task === undefined ? (this.#canvas.node(node ?? '')?.members ?? []) : [task]);
  }

  #open(element: HTMLElement | undefined): void {
    if (element === undefined) return;
    const members = this.#canvas.node(element.dataset['node'] ?? '')?.members ?? [element.dataset['task'] ?? ''];
    if (members.length === 1) return extension.post({ type: 'open', task: members[0] ?? '' });
    this.#folding.open(members);
    this.#tip.hide();
    this.#draw();
    // What it was folded into is gone, and the focus with it.
    this.#canvas.focus(members[0] ?? '');
  }

  #onKey(event: KeyboardEvent, element: HTMLElement | undefined): void {
    if (this.#isKeyTaken(event, element)) event.preventDefault();
  }

  #isKeyTaken({ key, ctrlKey, metaKey, altKey }: KeyboardEvent, element: HTMLElement | undefined): boolean {
    if (ctrlKey || metaKey || altKey) return false;
    if (key === 'Escape') {
      this.#look(undefined);
      return true;
    }
    const direction = DIRECTIONS[key];
    const node = element?.dataset['node'];
    if (element !== undefined && node === undefined)
      return direction !== undefined && this.#axis.step(element, direction === 'up' || direction === 'left' ? -1 : 1);
    if (node !== undefined && direction !== undefined) return this.#canvas.step(node, direction);
    if (key === 'Home' || key === 'End') return this.#canvas.stepTo(key === 'Home' ? 'first' : 'last');
    return this.#isZoomKey(key);
  }

  #isZoomKey(key: string): boolean {
    if (key === '+' || key === '=') this.#camera.zoom(1.25);
    else if (key === '-') this.#camera.zoom(0.8);
    else if (key === '0') this.#camera.fit();
    else return false;
    return true;
  }
}

/** The node or bar that it belongs to. */
function owner(target: EventTarget | null): HTMLElement | undefined {
  return target instanceof Element ? (target.closest<HTMLElement>('.node, .bar') ?? undefined) : undefined;
}

drawSkeleton();
const page = new GraphPage(readKept(extension.kept()));
extension.onMessage((message) => page.take(message));
extension.post({ type: 'ready' });
