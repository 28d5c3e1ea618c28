/**
 * The two configuration files of the embedded cluster, as text. Promise: nothing listens on the network, every login
 * needs a password, a commit is on the disk before it is answered, and no statement or value reaches the log.
 */

/** Only the private socket, only with a SCRAM password: no trust and no peer rule. */
export const HOST_RULES = 'local all all scram-sha-256\n';

const BASE: Readonly<Record<string, string>> = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  password_encryption: 'scram-sha-256',
  max_connections: '40',
  shared_buffers: '32MB',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  // One machine, no replica: less to write ahead.
  wal_level: 'minimal',
  max_wal_senders: '0',
  min_wal_size: '32MB',
  max_wal_size: '256MB',
  // Short queries only; compiling them costs more than it saves.
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  log_destination: 'stderr',
  logging_collector: 'off',
  log_line_prefix: '%m [%p] ',
  // Errors of single statements are answered to the caller; their text could hold personal data.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_checkpoints: 'off',
  idle_in_transaction_session_timeout: '60s',
};

/** Text of postgresql.conf; `overrides` win over the product's own values. */
export function settingsText(
  socketDir: string,
  port: number,
  overrides: Readonly<Record<string, string>>,
): string {
  const all = { ...BASE, unix_socket_directories: socketDir, port: String(port), ...overrides };
  const lines = Object.entries(all).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`);
  return `# Written at each start; changes made here are lost.\n${lines.join('\n')}\n`;
}
