/** The page that a panel starts with. Plain text, so that it is tested without VS Code. */

export interface PageParts {
  /** Of the webview: the only place that styles, fonts and pictures come from. */
  readonly cspSource: string;
  /** Random for each page. */
  readonly nonce: string;
  readonly script: string;
  readonly style: string;
  readonly title: string;
}

/** Nothing is loaded but our own script (by its nonce) and what lies in the extension's own folders. */
export function contentSecurityPolicy({ cspSource, nonce }: Pick<PageParts, 'cspSource' | 'nonce'>): string {
  return [
    "default-src 'none'",
    `img-src ${cspSource}`,
    `style-src ${cspSource}`,
    `font-src ${cspSource}`,
    `script-src 'nonce-${nonce}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** The script draws the rest. */
export function pageHtml(parts: PageParts): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy(parts)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${parts.style}">
<title>${parts.title}</title>
</head>
<body>
<script nonce="${parts.nonce}" src="${parts.script}"></script>
</body>
</html>
`;
}
