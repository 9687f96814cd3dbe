/** How the server, HAProxy and nginx are set up: what their manuals advise for a busy machine with two CPUs. Pure. */

/** Of connections at once, and of those that wait to be accepted. */
const many = 4_096;
const backlog = 4_096;

export type Ports = { readonly http: number; readonly bulk: number };

/** The web server: both CPUs, answers from memory, no logs, connections that stay as long as the client likes. */
export function serverConfig(port: number): string {
  return `${nginxHead('')}
http {
  access_log off;
  keepalive_requests 1000000000;
  tcp_nodelay on;
${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `  ${name}_temp_path ${name};`).join('\n')}
  server {
    listen ${port} reuseport backlog=${backlog};
    location / {
      default_type text/plain;
      return 200 "hello\\n";
    }
  }
}
`;
}

/** nginx as a balancer of streams, with its stream module's path. */
export function nginxConfig(module: string, server: string, { http, bulk }: Ports): string {
  const proxy = (port: number): string => `
  upstream u${port} {
    server ${server}:${port};
  }
  server {
    listen ${port} reuseport backlog=${backlog};
    proxy_pass u${port};
  }`;
  return `${nginxHead(`load_module ${module};`)}
stream {
  tcp_nodelay on;${proxy(http)}${proxy(bulk)}
}
`;
}

/** HAProxy in TCP mode, a thread for each CPU; the kernel moves octets where it can. */
export function haproxyConfig(server: string, { http, bulk }: Ports): string {
  const proxy = (port: number): string => `
listen p${port}
  bind :${port} backlog ${backlog}
  server server ${server}:${port}
`;
  return `global
  nbthread 2
  maxconn ${many}
defaults
  mode tcp
  balance roundrobin
  option splice-auto
  timeout connect 5s
  timeout client 60s
  timeout server 60s
${proxy(http)}${proxy(bulk)}`;
}

function nginxHead(first: string): string {
  return `${first}
daemon off;
user root;
pid nginx.pid;
error_log stderr error;
worker_processes 2;
worker_rlimit_nofile ${4 * many};
events {
  worker_connections ${many};
  multi_accept on;
}`;
}
