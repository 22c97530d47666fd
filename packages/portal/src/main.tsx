// Begins the portal: in the SDK's frame, or as the page behind a Setup Link.

import { render } from "preact";
import { listen, Sdk, type Shown } from "./frame.ts";
import { Dialog } from "./view/dialog.tsx";
import { Setup } from "./view/setup.tsx";

const place = document.getElementById("portal");

function inFrame(root: HTMLElement): void {
  let open = "";
  listen((shown: Shown | null) => {
    const sdk = shown?.bridge instanceof Sdk ? shown.bridge : undefined;
    const now = shown?.state.integration?.id ?? "";
    if (shown) last = sdk;
    render(shown ? <Dialog {...shown} key={now} /> : null, root);
    if (now === open) return;
    open = now;
    void last?.invoke("updateContainerStyle", { isModalShown: now !== "" }).catch(() => undefined);
    if (now) void last?.invoke("onOpen").catch(() => undefined);
  });
}

/** The SDK that was told last that the portal is open: it is told of the end as well. */
let last: Sdk | undefined;

if (place && document.documentElement.dataset.entry === "setup") render(<Setup />, place);
else if (place) inFrame(place);
