/** Something that cannot be had. The message says what to do; it is printed without a stack. */
export class Problem extends Error {
  name = 'Problem';
}

/** Runs a script's main function: a Problem becomes its message and exit code 1, anything else is a bug with its stack. */
export async function runMain(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(error instanceof Problem ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}
