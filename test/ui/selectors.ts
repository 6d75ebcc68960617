/** CSS and Playwright selectors of VS Code 1.139 that were seen to work; the one place to mend when VS Code changes. */

export const selectors = {
  workbench: '.monaco-workbench',
  sideBar: '.part.sidebar',
  /** Holds the Chat view. */
  secondarySideBar: '.part.auxiliarybar',

  chat: {
    input: '.interactive-session .interactive-input-part .chat-input-container .monaco-editor',
    /** Its aria-label is "Models, <name>"; while no model is selected, "Models, sign in to use Copilot". */
    modelPicker: '.model-picker-item .model-picker-name',
    modePicker: '.chat-mode-picker-item',
    send: '.chat-execute-toolbar [aria-label^="Send"]',
    stop: '.chat-execute-toolbar [aria-label^="Cancel"]',
    request: '.interactive-session .interactive-request',
    response: '.interactive-session .interactive-response',
    responseRunning: '.interactive-response.chat-response-loading',
    responseDone: 'time.chat-response-completed-at',
    markdown: '.chat-markdown-part',
    /** What VS Code folds of a finished answer: everything before its last run of markdown. */
    folded: '.completed-response-disclosure > .completed-response-summary',
    button: '.chat-command-button .monaco-button',
    error: '.chat-notification-widget',
    references: '.chat-used-context',
    followUp: '.interactive-followup-reply',
    /** Confirmation buttons exist twice, one of them hidden. */
    confirm: '.monaco-button[aria-label^="Allow this tool"]:visible',
    skip: '.monaco-button[aria-label^="Proceed without"]:visible',
    helpful: '.chat-footer-toolbar [aria-label="Helpful"]',
  },

  /** A button of a notification, by its text. */
  notificationButton: (text: string): string => `.notification-list-item .monaco-button:has-text("${text}")`,

  editor: {
    multiDiffEntry: '.multiDiffEntry',
    /** Focus it, then type. */
    multiDiffModifiedSide: '.multiDiffEntry .editor.modified .native-edit-context',
    refactorPreviewButton: '.bulk-edit-panel .monaco-button',
    refactorPreviewTick: '.bulk-edit-panel .edit-checkbox',
    modalButton: '.monaco-dialog-box .monaco-button',
    /** Use with page.frameLocator(webview).frameLocator(webviewContent). */
    webview: 'iframe.webview.ready',
    webviewContent: 'iframe#active-frame',
  },

  tree: {
    /** The icon of a view container in the activity bar; a badge's text is appended to its label. */
    activityIcon: (title: string): string => `.activitybar .action-label[aria-label^="${title}"]`,
    /** The pane of a view, by its title; a container with one view has no pane header. */
    view: (title: string): string => `.pane:has(.pane-header[aria-label^="${title}"])`,
    /** A row of a tree view, by its accessibilityInformation.label. */
    row: (label: string): string => `.customview-tree .monaco-list-row[aria-label="${label}"]`,
    rows: '.customview-tree .monaco-list-row',
    /** An inline action: look for it inside the row, which must be hovered or selected. */
    rowAction: (title: string): string => `.actions .action-label[aria-label="${title}"]`,
  },
} as const;
