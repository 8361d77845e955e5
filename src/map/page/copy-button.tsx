import { useEffect, useState } from 'preact/hooks';
import { text } from './text.ts';

const copiedMs = 2_500;

interface Props {
  readonly value: string;
  /** What the button says while nothing was copied. */
  readonly word: string;
  /** What it is called, where the word alone does not say what is copied. */
  readonly label?: string;
  /** What is said when the browser does not let it be copied. */
  readonly failed: string;
}

/** Copies a text, and says that it did. */
export function CopyButton({ value, word, label, failed }: Props) {
  const [copied, setCopied] = useState<string>();
  useEffect(() => {
    if (copied === undefined) return;
    const timer = setTimeout(() => setCopied(undefined), copiedMs);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(value);
      setCopied(text.copied);
    } catch {
      setCopied(failed);
    }
  };
  return (
    <>
      <button type="button" aria-label={copied === undefined ? label : undefined} onClick={() => void copy()}>
        {copied ?? word}
      </button>
      <span class="unseen" role="status">
        {copied}
      </span>
    </>
  );
}
