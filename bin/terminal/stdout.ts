import { withPlace } from '../../lib/program.js';

/** Writes text to stdout and waits until it is taken. Throws ExrError `EPIPE` when nobody reads any more. */
export function writeStdout(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // The callback hears of the error too; without a listener it would end the process.
    const onError = (): void => {};
    process.stdout.once('error', onError);
    process.stdout.write(text, (error) => {
      if (error) return reject(withPlace(error, { file: 'stdout' }));
      process.stdout.off('error', onError);
      resolve();
    });
  });
}
