export interface LayoutOptions {
  readonly nodeWidth: number;
  readonly nodeHeight: number;
  /** Width by height of the place that it is for. */
  readonly aspect: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface PlacedGroup extends Point {
  readonly id: string;
  readonly width: number;
  readonly height: number;
}

export interface PlacedEdge {
  readonly from: string;
  readonly to: string;
  /** An SVG path. */
  readonly path: string;
}

export interface Layout {
  /** Left upper corners. */
  readonly nodes: ReadonlyMap<string, Point>;
  /** Outer ones first. */
  readonly groups: readonly PlacedGroup[];
  readonly edges: readonly PlacedEdge[];
  readonly width: number;
  readonly height: number;
}
