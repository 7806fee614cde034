"""What people read: tables, charts, explanations, differences, and files in other formats."""
