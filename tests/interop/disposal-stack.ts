/** Lets go of what it was given, last first. (AsyncDisposableStack, which Node 20 lacks.) */
export class DisposalStack implements AsyncDisposable {
  readonly #resources: Array<AsyncDisposable | Disposable> = []

  use<Resource extends AsyncDisposable | Disposable>(resource: Resource): Resource {
    this.#resources.push(resource)
    return resource
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const resource of this.#resources.splice(0).toReversed()) {
      if (Symbol.asyncDispose in resource) await resource[Symbol.asyncDispose]()
      else resource[Symbol.dispose]()
    }
  }
}
