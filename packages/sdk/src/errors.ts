// Every error the SDK raises. Each has a `name` to tell it by and a sentence for people.

/** The envelope in which Gangway answers that something failed. */
export interface ErrorBody {
  message: string;
  code: string;
  status: number;
  meta: Record<string, unknown>;
}

/** The one ancestor of everything the SDK raises on purpose. */
export class ConnectError extends Error {
  /** A stable word for the reason. */
  readonly code: string;
  /** The HTTP status of the answer; 0 when there was none. */
  readonly status: number;
  readonly meta: Record<string, unknown>;

  constructor(name: string, { message, code, status, meta }: ErrorBody) {
    super(message);
    this.name = name;
    this.code = code;
    this.status = status;
    this.meta = meta;
  }
}

function local(code: string, message: string, meta: Record<string, unknown> = {}): ErrorBody {
  return { message, code, status: 0, meta };
}

/** Gangway refused a call, or could not be reached (status 0). */
export class ConnectRequestError extends ConnectError {
  constructor(body: ErrorBody) {
    super("ConnectRequestError", body);
  }
}

/** A proxied call failed: at the provider, or on the way there. */
export class ProxyRequestError extends ConnectError {
  /** The body of the answer as it came. */
  readonly response: unknown;

  constructor(body: ErrorBody, response: unknown) {
    super("ProxyRequestError", body);
    this.response = response;
  }
}

/** The arguments of a call contradict each other or what the project is set up for. */
export class InvalidUsageError extends ConnectError {
  constructor(message: string) {
    super("InvalidUsageError", local("invalid_usage", message));
  }
}

export class UserNotAuthenticatedError extends ConnectError {
  constructor() {
    super(
      "UserNotAuthenticatedError",
      local("user_not_authenticated", "Nobody is signed in. Call authenticate() first."),
    );
  }
}

export class NoActiveInstallFlowError extends ConnectError {
  constructor() {
    super(
      "NoActiveInstallFlowError",
      local(
        "no_active_install_flow",
        "No install flow is running. Call installFlow.start() first.",
      ),
    );
  }
}

export class HeadlessModeNotEnabledError extends ConnectError {
  constructor() {
    super(
      "HeadlessModeNotEnabledError",
      local("headless_mode_not_enabled", "installFlow needs setHeadless(true) to be called first."),
    );
  }
}

export class IntegrationNotFoundError extends ConnectError {
  constructor(integrationName: string, hint = "") {
    super(
      "IntegrationNotFoundError",
      local(
        "integration_not_found",
        `This project has no integration "${integrationName}".${hint}`,
        {
          integrationName,
        },
      ),
    );
  }
}

export class IntegrationNotInstalledError extends ConnectError {
  readonly integrationName: string;

  constructor(integrationName: string) {
    super(
      "IntegrationNotInstalledError",
      local("integration_not_installed", `No account of "${integrationName}" is connected.`, {
        integrationName,
      }),
    );
    this.integrationName = integrationName;
  }
}

export class OAuthBlockedError extends ConnectError {
  constructor() {
    super(
      "OAuthBlockedError",
      local(
        "popup_blocked",
        "The browser blocked the sign-in window. Allow pop-ups for this page and try again.",
      ),
    );
  }
}

export class OAuthTimeoutError extends ConnectError {
  constructor() {
    super("OAuthTimeoutError", local("oauth_timeout", "Signing in took too long. Try again."));
  }
}

export class OAuthClosedError extends ConnectError {
  constructor() {
    super(
      "OAuthClosedError",
      local("popup_closed", "The sign-in window was closed before the account was connected."),
    );
  }
}

/** The attempt was given up: another one was started, or the user was signed out. */
export class OAuthCancelledError extends ConnectError {
  constructor() {
    super("OAuthCancelledError", local("oauth_cancelled", "Connecting the account was cancelled."));
  }
}

/** The provider, the user or Gangway turned the attempt down; the sentence says which and why. */
export class OAuthFailedError extends ConnectError {
  constructor(body: ErrorBody) {
    super("OAuthFailedError", body);
  }
}

/** Something the SDK did not foresee, kept in `originalError`. */
export class UnknownError extends ConnectError {
  readonly originalError: unknown;

  constructor(originalError: unknown) {
    const message = originalError instanceof Error ? originalError.message : String(originalError);
    super("UnknownError", local("unknown", message));
    this.originalError = originalError;
  }
}

/** Any thrown value as one of the errors above. */
export function asConnectError(error: unknown): ConnectError {
  return error instanceof ConnectError ? error : new UnknownError(error);
}

/** The envelope in `value`, with what is missing filled in from the status. */
export function errorBody(value: unknown, status: number): ErrorBody {
  const body = typeof value === "object" && value !== null ? (value as Partial<ErrorBody>) : {};
  const text = typeof value === "string" ? value.trim() : "";
  return {
    message:
      typeof body.message === "string" ? body.message : text || `The answer was HTTP ${status}.`,
    code: body.code === undefined ? "unknown" : String(body.code),
    status: typeof body.status === "number" ? body.status : status,
    meta: typeof body.meta === "object" && body.meta !== null ? body.meta : {},
  };
}
