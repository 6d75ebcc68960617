/**
 * Loaded with `--import` into VS Code's server, which leads its own process group. When the process that started it
 * is gone, even by kill -9, the whole group ends: the server, its extension hosts and what they started.
 */
const server = process.env.CODE_HOST_PARENT;

if (server && process.ppid === Number(server)) {
  const timer = setInterval(() => {
    if (process.ppid !== Number(server)) process.kill(-process.pid, 'SIGKILL');
  }, 500);
  timer.unref();
}
