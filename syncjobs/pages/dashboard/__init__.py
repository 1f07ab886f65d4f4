"""The dashboard: verdict, who is needed, health, activity; and what was sold today."""
