/**
 * Electron's fuses, flipped when the application is packed (electron-builder.ts), as Electron’s security checklist asks.
 * Named as electron-builder names them. RunAsNode is off: the children run on their own Node, so the shipped binary
 * can't be turned into one.
 */
export const FUSES = {
  runAsNode: false,
  enableCookieEncryption: true,
  enableNodeOptionsEnvironmentVariable: false,
  enableNodeCliInspectArguments: false,
  enableEmbeddedAsarIntegrityValidation: true,
  onlyLoadAppFromAsar: true,
  loadBrowserProcessSpecificV8Snapshot: false,
  grantFileProtocolExtraPrivileges: false,
} as const;
