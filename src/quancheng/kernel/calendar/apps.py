from django.apps import AppConfig


class WorkCalendarConfig(AppConfig):
    name = "quancheng.kernel.calendar"
    label = "workcalendar"
    verbose_name = "工作日历"
