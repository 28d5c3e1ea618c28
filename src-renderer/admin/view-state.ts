/** What the window shows, kept in its address, so that a reload, a bookmark or "back" shows the same. */
import { useSyncExternalStore } from 'react';

export interface ViewState {
  table: 'sales' | 'talks';
  sort: string;
  descending: boolean;
  filter: string;
}

const START: ViewState = { table: 'sales', sort: 'at', descending: true, filter: '' };

/** The view an address names; what is missing or unknown is as at the start. */
export function readView(search: string): ViewState {
  const query = new URLSearchParams(search);
  return {
    table: query.get('table') === 'talks' ? 'talks' : 'sales',
    sort: query.get('sort') ?? START.sort,
    descending: query.get('order') !== 'up',
    filter: query.get('filter') ?? '',
  };
}

/** The address of a view; what is as at the start is left out. */
export function writeView(view: ViewState): string {
  const query = new URLSearchParams();
  if (view.table !== START.table) query.set('table', view.table);
  if (view.sort !== START.sort) query.set('sort', view.sort);
  if (!view.descending) query.set('order', 'up');
  if (view.filter) query.set('filter', view.filter);
  const text = query.toString();
  return text ? `?${text}` : '';
}

const CHANGED = 'mindbot:view';

function subscribe(listener: () => void): () => void {
  window.addEventListener('popstate', listener);
  window.addEventListener(CHANGED, listener);
  return () => {
    window.removeEventListener('popstate', listener);
    window.removeEventListener(CHANGED, listener);
  };
}

export function useView(): [ViewState, (change: Partial<ViewState>) => void] {
  const search = useSyncExternalStore(subscribe, () => window.location.search);
  const view = readView(search);
  const show = (change: Partial<ViewState>) => {
    const address = window.location.pathname + writeView({ ...view, ...change });
    // Typing in the filter makes no history of its own.
    if (change.table) window.history.pushState(null, '', address);
    else window.history.replaceState(null, '', address);
    window.dispatchEvent(new Event(CHANGED));
  };
  return [view, show];
}
