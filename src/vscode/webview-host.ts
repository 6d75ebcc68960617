/**
 * A panel with a page of ours: what it may load, and the messages between the two.
 *
 * Owns: the page's policy, the check of what comes from it, what waits until it listens. Does not own: what is shown.
 *
 * 1. The page loads nothing but our bundle and our media, and runs no script but ours.
 * 2. A message that does not pass the check is ignored.
 * 3. Nothing is posted before the page has said that it is ready; each time it says so it is told everything anew, because
 *    VS Code throws the page of a hidden panel away.
 */
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { pageHtml } from './webview-page.ts';

/** The bundle of a panel: `dist/webview/<name>.js` and `.css`. */
export interface WebviewBundle<In> {
  readonly extensionUri: vscode.Uri;
  readonly name: 'conversation' | 'graph';
  readonly title: string;
  readonly read: (message: unknown) => In | undefined;
}

/** What the options of a panel must be, also of one that VS Code brings back. */
export function webviewOptions(extensionUri: vscode.Uri): vscode.WebviewOptions {
  return { enableScripts: true, enableCommandUris: false, localResourceRoots: resourceRoots(extensionUri) };
}

function resourceRoots(extensionUri: vscode.Uri): readonly vscode.Uri[] {
  return [vscode.Uri.joinPath(extensionUri, 'dist', 'webview'), vscode.Uri.joinPath(extensionUri, 'media')];
}

export class WebviewHost<In extends { readonly type: string }, Out> implements vscode.Disposable {
  readonly #webview: vscode.Webview;
  readonly #subscription: vscode.Disposable;
  #isReady = false;

  /** `take` also gets each `ready`, and tells the page everything then. */
  constructor(webview: vscode.Webview, bundle: WebviewBundle<In>, take: (message: In) => void) {
    this.#webview = webview;
    webview.options = webviewOptions(bundle.extensionUri);
    this.#subscription = webview.onDidReceiveMessage((raw: unknown) => {
      const message = bundle.read(raw);
      if (message === undefined) return;
      if (message.type === 'ready') this.#isReady = true;
      take(message);
    });
    const file = (ending: string): string =>
      webview
        .asWebviewUri(vscode.Uri.joinPath(bundle.extensionUri, 'dist', 'webview', `${bundle.name}.${ending}`))
        .toString();
    webview.html = pageHtml({
      cspSource: webview.cspSource,
      nonce: randomBytes(18).toString('base64url'),
      script: file('js'),
      style: file('css'),
      title: bundle.title,
    });
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** The page is gone; it will say when there is one again. */
  hidden(): void {
    this.#isReady = false;
  }

  post(message: Out): void {
    if (this.#isReady) void this.#webview.postMessage(message);
  }

  dispose(): void {
    this.#isReady = false;
    this.#subscription.dispose();
  }
}
