/** nginx of Debian: the bare proxy that everything is measured against. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startLoaded } from '../machine.ts'
import { type Peer, stopping, untilListening } from './peer.ts'

const binary = '/usr/sbin/nginx'

export const nginx: Peer = {
  name: 'nginx',
  compiled: true,
  rungs: { T1: { weaker: 'no edge policy beyond its parser' } },
  prepare: async () => void execFileSync(binary, ['-v'], { stdio: 'ignore' }),
  version: () =>
    execFileSync('sh', ['-c', `${binary} -v 2>&1`], { encoding: 'utf8' })
      .replace(/.*nginx\//s, '')
      .trim(),
  start: async (_rung, { folder, port, certificate, key, clientAuthority, upstream }) => {
    const path = join(folder, 'nginx.conf')
    writeFileSync(
      path,
      `
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log warn;
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 4096; }
http {
  access_log ${folder}/access.log combined buffer=64k flush=50ms;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  upstream bank { server unix:${upstream.socket}; keepalive 64; }
  server {
    listen 127.0.0.1:${port} ssl;
    server_name localhost;
    ssl_certificate ${certificate};
    ssl_certificate_key ${key};
    ssl_client_certificate ${clientAuthority};
    ssl_verify_client on;
    ssl_session_cache off;
    ssl_session_tickets off;
    keepalive_requests 1000;
    location / {
      proxy_pass http://bank;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }
}
`,
    )
    const child = startLoaded(binary, ['-c', path, '-p', folder], { stdio: 'inherit' })
    await untilListening(port, child)
    return stopping(child)
  },
}
