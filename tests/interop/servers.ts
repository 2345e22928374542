/** A name server and the one broker registered at it, of either make. */
export interface Servers extends AsyncDisposable {
  readonly namesrvAddr: string
  readonly brokerAddr: string
  readonly brokerName: string
  readonly clusterName: string
}
