// The top of the portal: what is being connected, and the way out.

import { type Look, type PortalIntegration, slugOf } from "../model.ts";
import { useSay } from "../texts/index.ts";

interface HeadProps {
  integration: PortalIntegration | undefined;
  look: Look;
  onClose?: (() => void) | undefined;
  onBack?: (() => void) | undefined;
}

export function Head({ integration, look, onClose, onBack }: HeadProps) {
  const say = useSay();
  return (
    <header class="head">
      {look.logoUrl && <img class="logo" src={look.logoUrl} alt={look.productName ?? ""} />}
      {integration && (
        <img class="icon-large" src={`/integrations/${slugOf(integration)}.svg`} alt="" />
      )}
      <div class="head-text">
        <h2 id="portal-title">{integration?.name ?? look.productName ?? say("loading")}</h2>
        {integration && <p class="hint">{integration.configs[0]?.values.description}</p>}
      </div>
      {onBack && (
        <button type="button" class="quiet" onClick={onBack}>
          {say("back")}
        </button>
      )}
      {onClose && (
        <button type="button" class="icon" aria-label={say("close")} onClick={onClose}>
          ×
        </button>
      )}
    </header>
  );
}
