/** What a picture of nodes and calls shows, wherever its numbers come from. */
export interface PictureModel {
  nodes: PictureNode[];
  edges: PictureEdge[];
  /** Nodes that are not laid out, and what is said of them. */
  left: number;
  leftWords: string;
}

export interface PictureNode {
  id: string;
  kind: string;
  name: string;
  /** Users enter here. */
  entry: boolean;
  /** The second line. */
  line: string;
  /** Own and inherited pressure, as shares of the most pressed node's sum. */
  own: number;
  inherited: number;
  /** The rank of the cause here, 0 for none. */
  cause: number;
  mark?: "focus" | "troubled" | undefined;
  /** On how many callers it presses, where it is a thing that is shared. */
  shared?: number;
  /** All of it in words, for screen readers and as a tooltip. */
  words: string;
}

export interface PictureEdge {
  id: string;
  caller: string;
  callee: string;
  callerName: string;
  calleeName: string;
  async: boolean;
  /** No call, but something that is shared. */
  tie?: boolean;
  /** Here the cascade can be cut. */
  cut?: boolean;
  /** Several calls taken together. */
  grouped?: boolean;
  /** Stroke width in pixels. */
  width: number;
  pressed: boolean;
  /** The label of a retry edge, as 3.4×; null for another. */
  retries: string | null;
  words: string;
  /** The cells of the table that says the same, in the order of columns. */
  cells: string[];
}

/** The most nodes that are drawn one by one: 150 take a second on one core, 300 two. */
export const mostNodes = 120;

/** How many places are laid out, groups among them, where there are more nodes: what is taken together is to be seen as a whole. */
export const placesWhenMore = 84;

/** The size of a node's box. */
export const box = { width: 168, height: 56 };
