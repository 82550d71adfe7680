import './upload.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import { isOwner } from '../access.ts';
import { sizeText } from '../format.ts';
import { Icon } from '../frame/icons.tsx';
import { language, t } from '../i18n.ts';
import { ACCEPT, isMedia } from './files.ts';
import { Files } from './list.tsx';
import { Total } from './total.tsx';
import { add, closed, limits, lookForRoom, queue } from './uploads.ts';
import { refusalText } from './words.ts';

export default function Upload() {
  if (!isOwner.value) {
    return (
      <div class="stack">
        <h1>{t('upload')}</h1>
        <p class="sheet">{t('uploadViewer')}</p>
      </div>
    );
  }
  return <Uploading />;
}

function Uploading() {
  useEffect(() => void lookForRoom(), []);
  const isEmpty = queue.value.length === 0;
  return (
    <div class="stack upload">
      <h1>{t('upload')}</h1>
      {isEmpty ? <p class="muted">{t('uploadLead')}</p> : null}
      <Closed />
      <Total />
      <Chooser isSmall={!isEmpty} />
      <Files />
      <Hints />
    </div>
  );
}

function Closed() {
  if (closed.value === null) return null;
  return (
    <div class="sheet stack tight upload-closed" role="alert">
      <h2>{t('uploadClosed')}</h2>
      <p>{refusalText(closed.value, language.value)}</p>
      <div>
        <button type="button" class="button" onClick={() => void lookForRoom()}>
          {t('tryAgain')}
        </button>
      </div>
    </div>
  );
}

function Chooser({ isSmall }: { readonly isSmall: boolean }) {
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const take = (files: FileList | null | undefined, which: (file: File) => boolean = () => true) => {
    const chosen = [...(files ?? [])].filter(which);
    if (chosen.length > 0) void add(chosen);
  };
  return (
    <section
      class={`sheet drop${isSmall ? ' small-drop' : ''}${isOver ? ' over' : ''}`}
      aria-label={t('uploadPick')}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer?.files, isMedia);
      }}
    >
      {isSmall ? null : <Icon name="upload" size={40} />}
      <input
        ref={input}
        class="visually-hidden"
        type="file"
        multiple
        accept={ACCEPT}
        tabIndex={-1}
        aria-label={t('uploadPick')}
        onChange={({ currentTarget }) => {
          take(currentTarget.files);
          // So that the same files can be chosen again.
          currentTarget.value = '';
        }}
      />
      <button
        type="button"
        class={isSmall ? 'button' : 'button primary'}
        disabled={closed.value !== null}
        onClick={() => input.current?.click()}
      >
        {t('uploadPick')}
      </button>
      <p class="muted small drop-words">{t(isOver ? 'uploadDropHere' : 'uploadDrop')}</p>
    </section>
  );
}

function Hints() {
  const room = limits.value;
  return (
    <div class="stack tight small muted">
      {room === null ? null : (
        <p class="number">
          {t('uploadRoom', {
            max: sizeText(room.maxBytes, language.value),
            free: sizeText(room.freeBytes, language.value),
          })}
        </p>
      )}
      <p>{t('uploadHintOpen')}</p>
      {/iPhone|iPad/.test(navigator.userAgent) ? <p>{t('uploadHintApple')}</p> : null}
    </div>
  );
}
