// A browser of a few lines: it keeps cookies by host and follows nothing by itself.

export class Browser {
  readonly #cookies = new Map<string, Map<string, string>>();

  async open(address: string, form?: Record<string, string>): Promise<Response> {
    const jar = this.#jar(address);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(address, {
      redirect: "manual",
      headers: cookie ? { cookie } : {},
      ...(form && { method: "POST", body: new URLSearchParams(form) }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [name = "", ...value] = (line.split(";")[0] ?? "").split("=");
      jar.set(name, value.join("="));
    }
    return response;
  }

  /** Goes where redirects lead, up to a page, or up to an address that begins with `end`. */
  async follow(address: string, end: string): Promise<{ address: string; page?: string }> {
    let at = address;
    while (!at.startsWith(end)) {
      const response = await this.open(at);
      const next = response.headers.get("location");
      if (next === null) {
        return { address: at, page: await response.text() };
      }
      at = new URL(next, at).href;
    }
    return { address: at };
  }

  /** Fills in the pages of the authorization server; the answer is where it sends the browser. */
  async signIn(address: string, login: string, end: string): Promise<string> {
    let { address: at, page } = await this.follow(address, end);
    while (page !== undefined) {
      const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1];
      const action = /action="([^"]+)"/.exec(page)?.[1];
      if (!prompt || !action) {
        throw new Error(`This page has no form: ${page}`);
      }
      const form = prompt === "login" ? { prompt, login, password: "any" } : { prompt };
      const submitted = await this.open(new URL(action, at).href, form);
      const next = submitted.headers.get("location") ?? "";
      ({ address: at, page } = await this.follow(new URL(next, at).href, end));
    }
    return at;
  }

  #jar(address: string): Map<string, string> {
    const { host } = new URL(address);
    const jar = this.#cookies.get(host) ?? new Map<string, string>();
    this.#cookies.set(host, jar);
    return jar;
  }
}
