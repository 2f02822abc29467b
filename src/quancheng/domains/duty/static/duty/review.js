// Splitting a task: the place of the cursor in its text fills the number field by itself.
document.addEventListener("selectionchange", () => {
  const text = document.activeElement;
  if (!(text instanceof HTMLTextAreaElement)) return;
  const field = document.querySelector(`[data-split-of="${CSS.escape(text.id)}"]`);
  if (field) field.value = String([...text.value.slice(0, text.selectionStart)].length);
});
