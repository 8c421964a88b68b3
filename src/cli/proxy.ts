import type { Command } from 'commander';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { ChainbootError } from '../errors.ts';
import { runDaemon } from './serve.ts';
import { globals } from './verbs.ts';

const AFTER = `
It answers DHCP, TFTP and HTTP on its links as the server would, and asks the server for scripts and answer files; kernels
and initrds are fetched once and kept. While the server is away, hosts in build mode go on being installed, and what they
report is delivered later. On the server: proxies.enabled, a smart proxy of this name that its subnets name, and its
certificate (chainboot certificate proxy NAME). See docs/proxy.md.`;

export function proxyVerb(program: Command): void {
  program
    .command('proxy')
    .description('a daemon for an isolated network, in front of another Chainboot server')
    .option('--upstream <url>', 'the server, such as https://server.example.com:8444 (default: upstream.url)')
    .addHelpText('after', AFTER)
    .action(async ({ upstream }: { readonly upstream?: string }, command: Command) => {
      const file = globals(command).config;
      await runDaemon(() => asProxy(loadConfig(file), upstream), 'proxy');
    });
}

/** What only the server decides is not done here. */
function asProxy(config: Config, given: string | undefined): Config {
  const url = given ?? config.upstream.url;
  if (url === undefined || !/^https:\/\//.test(url)) throw new ChainbootError('UPSTREAM_NOT_SET');
  return {
    ...config,
    upstream: { ...config.upstream, url },
    api: { ...config.api, enabled: false },
    smart_proxy: { ...config.smart_proxy, enabled: false },
    proxies: { ...config.proxies, enabled: false },
    loop_guard: { ...config.loop_guard, enabled: false },
  };
}
