// Connecting without a sign-in page: the form of a personal access token, drawn from the fields
// that the integration asks for.

import { type ConnectInput, gangway } from "@gangway/connect";
import { AZURE_DEVOPS } from "./azure-devops.ts";
import { clearNotices, complain, element, show } from "./elements.ts";

const fields = element("token-fields", HTMLDivElement);
const form = element("token-form", HTMLFormElement);

export function openTokenForm(onConnected: () => Promise<void>): void {
  clearNotices();
  gangway.installFlow.start(AZURE_DEVOPS, {
    onNext: (stage) => {
      if (stage.stage === "accountType") {
        const withForm = stage.options.find(({ scheme }) => scheme !== "oauth");
        void gangway.installFlow.setAccountType(withForm?.id ?? "");
      } else if (stage.stage === "preOptions") {
        fields.replaceChildren(...stage.options.map(field));
        show("token-form", true);
        fields.querySelector("input")?.focus();
      }
    },
    onComplete: () => {
      closeTokenForm();
      void onConnected();
    },
    onError: complain,
  });
}

export async function submitTokenForm(): Promise<void> {
  clearNotices();
  await gangway.installFlow.setPreOptions(Object.fromEntries(new FormData(form)));
}

export function closeTokenForm(): void {
  form.reset();
  show("token-form", false);
}

function field(input: ConnectInput): HTMLLabelElement {
  const label = document.createElement("label");
  const control = document.createElement("input");
  control.name = input.id;
  control.type = input.type === "PASSWORD" ? "password" : "text";
  control.required = input.required ?? true;
  control.placeholder = input.placeholder ?? "";
  control.autocomplete = "off";
  label.append(input.title, control);
  if (input.subtitle) {
    const hint = document.createElement("small");
    hint.textContent = input.subtitle;
    label.append(hint);
  }
  return label;
}
