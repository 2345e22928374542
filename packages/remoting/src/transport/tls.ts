const TLS_HANDSHAKE = 0x16

/** True when the first byte of a connection begins a TLS handshake; a frame would have to announce 369 million bytes to do so. */
export function isTlsHandshake(firstByte: number | undefined): boolean {
  return firstByte === TLS_HANDSHAKE
}
