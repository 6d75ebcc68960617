import * as vscode from 'vscode';
import { noticeText } from '../app/safe-text.ts';

export interface Question {
  readonly message: string;
  readonly detail: string;
  /** The button that says yes. */
  readonly button: string;
}

/** A question that stands before everything else until it is answered. */
export async function confirm({ message, detail, button }: Question): Promise<boolean> {
  try {
    return (await vscode.window.showWarningMessage(message, { modal: true, detail }, button)) === button;
  } catch {
    // A window under automation refuses modals by an error; there the question stands as a notification instead.
    const text = noticeText(`${message} ${detail}`);
    return (await vscode.window.showWarningMessage(text, button, 'Cancel')) === button;
  }
}
