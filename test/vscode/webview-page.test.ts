import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { contentSecurityPolicy, pageHtml } from '../../src/vscode/webview-page.ts';

const cspSource = 'https://*.vscode-cdn.net';
const nonce = 'n0nce';

describe('the page of a panel', () => {
  it('lets nothing in but files of the extension, and no script but the one with the nonce', () => {
    assert.equal(
      contentSecurityPolicy({ cspSource, nonce }),
      `default-src 'none'; img-src ${cspSource}; style-src ${cspSource}; font-src ${cspSource}; script-src 'nonce-n0nce'; base-uri 'none'; form-action 'none'`,
    );
    assert.doesNotMatch(contentSecurityPolicy({ cspSource, nonce }), /unsafe|https:(?!\/\/\*\.vscode-cdn\.net)/);
  });

  it('holds one script and one style, and nothing of a run', () => {
    const html = pageHtml({ cspSource, nonce, script: 'vscode:/s.js', style: 'vscode:/s.css', title: 'Conversation' });
    assert.deepEqual(html.match(/<(?:script|link|meta|img|iframe)\b[^>]*>/g), [
      '<meta charset="utf-8">',
      `<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy({ cspSource, nonce })}">`,
      '<meta name="viewport" content="width=device-width, initial-scale=1">',
      '<link rel="stylesheet" href="vscode:/s.css">',
      '<script nonce="n0nce" src="vscode:/s.js">',
    ]);
    assert.match(html, /<body>\n<script [^>]*><\/script>\n<\/body>/);
  });
});
