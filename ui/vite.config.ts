/** Two fronts, two origins, one kit: `--mode portal` and `--mode console` each build into `ui/dist/<front>`. */
import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Offset from the port base of the server behind each front, for `vite --mode portal` at development. */
const offsets: Record<string, number> = { portal: 0, console: 1 }

export default defineConfig(({ mode, command }) => {
  const offset = offsets[mode]
  if (offset === undefined)
    throw new Error('name the front to build: vite build --mode portal, or --mode console')
  const behind = `http://127.0.0.1:${Number(process.env['PORTICO_PORT_BASE'] ?? 8400) + offset}`
  // The server answers to its own name and its own pages only.
  const proxied = { target: behind, changeOrigin: true, headers: { origin: behind } }
  return {
    root: here(`./${mode}`),
    publicDir: here('./kit/public'),
    plugins: [react()],
    define: command === 'build' ? { 'process.env.NODE_ENV': '"production"' } : {},
    build: {
      outDir: here(`./dist/${mode}`),
      emptyOutDir: true,
      // The policy is default-src 'self': a font or picture as data: would not be shown.
      assetsInlineLimit: 0,
      reportCompressedSize: false,
      chunkSizeWarningLimit: 900,
    },
    server: { proxy: { '/api': proxied, '/.well-known': proxied } },
  }
})
