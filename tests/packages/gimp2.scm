; SPDX-License-Identifier: GPL-3.0-or-later
; In GIMP 2.10: the names of our procedures, and what one of them makes of a picture.
(let* ((names (cadr (gimp-procedural-db-query "^(plug-in|script-fu)-imgenhance-.*" ".*" ".*" ".*" ".*" ".*" ".*")))
       (image (car (gimp-file-load 1 "/debs/low-contrast.png" "in")))
       (layer (car (gimp-image-get-active-drawable image)))
       (port (open-output-file "/tmp/imgenhance-check/procedures")))
  (for-each (lambda (name) (display name port) (newline port)) names)
  (plug-in-imgenhance-gaussian 1 image layer 2)
  (file-png-save 1 image layer "/tmp/imgenhance-check/procedure.png" "out" 0 1 0 0 0 0 0)
  (display "done" port)
  (newline port)
  (close-output-port port))
