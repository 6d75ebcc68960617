/** The page's way to the extension. */

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

export interface Extension<Out, In> {
  post(message: Out): void;
  /** Messages that pass the check; others are ignored. */
  onMessage(take: (message: In) => void): void;
  /** What `keep` was given last, also after a reload of the window. */
  kept(): unknown;
  keep(state: unknown): void;
}

/** May be called once for a page. */
export function connectExtension<Out, In>(read: (message: unknown) => In | undefined): Extension<Out, In> {
  const api = acquireVsCodeApi();
  return {
    post: (message) => api.postMessage(message),
    onMessage: (take) =>
      window.addEventListener('message', (event: MessageEvent<unknown>) => {
        const message = read(event.data);
        if (message !== undefined) take(message);
      }),
    kept: () => api.getState(),
    keep: (state) => api.setState(state),
  };
}
