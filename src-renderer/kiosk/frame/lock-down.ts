/** No context menu, no drag and drop, no pinch zoom: nothing a customer could leave the page by. Text size has its own steps. */
export function lockDown(page: Document): void {
  for (const name of ['contextmenu', 'dragstart', 'dragover', 'drop'] as const) {
    page.addEventListener(name, (event) => event.preventDefault());
  }
  page.addEventListener(
    'wheel',
    (event) => {
      if (event.ctrlKey) event.preventDefault();
    },
    { passive: false },
  );
}
