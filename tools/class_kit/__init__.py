"""The kit of a class: plans with the minutes filled in, sheets to print, pages for the teacher."""
