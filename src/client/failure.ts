/** Why a virtual boot, or one command of it, failed. Tests assert the code. */

export type FailureCode =
  | 'dhcp-silent'
  | 'dhcp-refused'
  | 'dhcp-nothing-to-boot'
  | 'tftp-error'
  | 'tftp-silent'
  | 'http-status'
  | 'http-broken'
  | 'http-redirects'
  | 'tls-untrusted'
  | 'url-unsupported'
  | 'not-a-script'
  | 'machine-code'
  | 'not-executable'
  | 'wrong-cpu'
  | 'script-line'
  | 'script-exit'
  | 'script-ended'
  | 'script-endless'
  | 'config-missing'
  | 'config-unusable'
  | 'loader-unknown'
  | 'loader-loop'
  | 'kernel-format'
  | 'initrd-format'
  | 'installer-no-answers'
  | 'installer-answers'
  | 'installer-built'
  | 'socket'
  | 'timeout'
  | 'aborted'
  | 'internal';

export class BootFailure extends Error {
  override readonly name = 'BootFailure';
  readonly code: FailureCode;
  constructor(code: FailureCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
