/** What a model or a file may write to reach beyond its text; `beacon` is an address that notes who asks for it. */
export function hostilePayloads(beacon: string): readonly string[] {
  return [
    '[close](command:workbench.action.quit)',
    '[close](<COMMAND:workbench.action.closeWindow> "title")',
    '[close][ref]\n\n[ref]: command:workbench.action.quit',
    '<command:workbench.action.quit>',
    '[open](vscode://evil.evil/run)',
    '[run](javascript:alert(1)) [run](java&#115;cript:alert(1))',
    '[run](data:text/html,<script>alert(1)</script>) [passwords](file:///etc/passwd)',
    `![a](${beacon}/image.png) ![a][pic]\n\n[pic]: ${beacon}/reference.png`,
    `[![a](${beacon}/linked.png)](${beacon}/link)`,
    `<img src="${beacon}/html.png" onerror="fetch('${beacon}/onerror')">`,
    `<svg onload="fetch('${beacon}/svg')"><image href="${beacon}/svg.png"/></svg>`,
    `<iframe src="${beacon}/frame"></iframe><script src="${beacon}/script.js"></script>`,
    '<a href="command:workbench.action.quit">close</a>',
    `<style>@import "${beacon}/style.css"; body { background: url(${beacon}/css.png) }</style>`,
    `<div style="background:url(${beacon}/inline.png)">styled</div>`,
    `<link rel="prefetch" href="${beacon}/prefetch"><meta http-equiv="refresh" content="0;url=${beacon}/refresh">`,
    `<form action="${beacon}/form"><button>send</button></form>`,
    `| a |\n|---|\n| ![x](${beacon}/table.png) [y](command:workbench.action.quit) |`,
    `> \`\`\`\n> ![x](${beacon}/fence.png)\n\n![x](${beacon}/after-fence.png)`,
    'read \u202ebackwards\u202c and \u{E0041}\u{E0042}\u{E0043}\u{E0044}hidden',
  ];
}
