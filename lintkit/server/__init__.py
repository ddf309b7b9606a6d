"""lintkit in an editor: findings on unsaved text, fixes, and what references lead to (Language Server Protocol)."""
