// The overview's Markdown. It becomes elements directly and never HTML text, so nothing that an
// overview says can become markup: what is not understood stays text.

import type { ComponentChildren, JSX } from "preact";

const INLINE =
  /(`[^`]+`)|(\*\*[^*]+\*\*|__[^_]+__)|(\*[^*\s][^*]*\*|_[^_\s][^_]*_)|!\[([^\]]*)\]\(([^)\s]+)\)|\[([^\]]+)\]\(([^)\s]+)\)/g;

export function Markdown({ text }: { text: string }) {
  return <div class="markdown">{blocks(text.replace(/\r/g, "").split("\n"))}</div>;
}

function blocks(lines: string[]): JSX.Element[] {
  const made: JSX.Element[] = [];
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? "";
    const run = (matches: RegExp) => {
      const from = at;
      while (at < lines.length && matches.test(lines[at] ?? "")) at++;
      return lines.slice(from, at);
    };
    const heading = /^(#{1,6})\s+(.*?)#*$/.exec(line);
    if (/^\s*$/.test(line)) {
      at++;
    } else if (heading) {
      at++;
      // The portal's own headings come first.
      const Tag = (heading[1] ?? "").length === 1 ? "h3" : "h4";
      made.push(<Tag>{inline(heading[2] ?? "")}</Tag>);
    } else if (/^```/.test(line)) {
      const from = ++at;
      while (at < lines.length && !/^```/.test(lines[at] ?? "")) at++;
      made.push(
        <pre>
          <code>{lines.slice(from, at++).join("\n")}</code>
        </pre>,
      );
    } else if (/^\s*[-*+]\s/.test(line)) {
      const items = run(/^\s*[-*+]\s/).map((item) => item.replace(/^\s*[-*+]\s+/, ""));
      made.push(
        <ul>
          {items.map((item) => (
            <li>{inline(item)}</li>
          ))}
        </ul>,
      );
    } else if (/^\s*\d+[.)]\s/.test(line)) {
      const items = run(/^\s*\d+[.)]\s/).map((item) => item.replace(/^\s*\d+[.)]\s+/, ""));
      made.push(
        <ol>
          {items.map((item) => (
            <li>{inline(item)}</li>
          ))}
        </ol>,
      );
    } else if (/^>/.test(line)) {
      const quoted = run(/^>/).map((one) => one.replace(/^>\s?/, ""));
      made.push(<blockquote>{blocks(quoted)}</blockquote>);
    } else if (/^(-{3,}|\*{3,})\s*$/.test(line)) {
      at++;
      made.push(<hr />);
    } else {
      at++;
      const rest = run(/^(?!\s*$|#{1,6}\s|```|\s*[-*+]\s|\s*\d+[.)]\s|>)/);
      made.push(<p>{inline([line, ...rest].join(" "))}</p>);
    }
  }
  return made;
}

function inline(text: string): ComponentChildren[] {
  const made: ComponentChildren[] = [];
  let last = 0;
  for (const found of text.matchAll(INLINE)) {
    const [whole, code, strong, emphasis, alt, image, label, address] = found;
    made.push(text.slice(last, found.index));
    last = found.index + whole.length;
    if (code) made.push(<code>{code.slice(1, -1)}</code>);
    else if (strong) made.push(<strong>{inline(strong.slice(2, -2))}</strong>);
    else if (emphasis) made.push(<em>{inline(emphasis.slice(1, -1))}</em>);
    else if (image && isSafe(image)) made.push(<img src={image} alt={alt ?? ""} />);
    else if (label && address && isSafe(address)) {
      made.push(
        <a href={address} target="_blank" rel="noopener noreferrer">
          {inline(label)}
        </a>,
      );
    } else made.push(whole);
  }
  made.push(text.slice(last));
  return made;
}

/** Addresses that lead to a page or to mail; never one that is a script. */
function isSafe(address: string): boolean {
  return /^(https:\/\/|http:\/\/|mailto:)/i.test(address);
}
